import {
  DescribeTasksCommand,
  ECSClient,
  ExecuteCommandCommand,
  ListTasksCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs'
import {RefusedError} from '../../domain/errors.ts'
import type {TaskControl} from '../../flows/exec/ports.ts'
import {isNamed, translateErrors} from '../errors.ts'
import type {ClientConfig} from '../settings.ts'

/** Single tasks of ECS by its API. */
export function createTaskControl(config: ClientConfig): TaskControl {
  const client = new ECSClient(config)
  return translateErrors<TaskControl>({
    async running(cluster, serviceName) {
      const {taskArns = []} = await client.send(
        new ListTasksCommand({cluster, serviceName, desiredStatus: 'RUNNING', maxResults: 100}),
      )
      if (taskArns.length === 0) return []
      const {tasks = []} = await client.send(new DescribeTasksCommand({cluster, tasks: taskArns}))
      return tasks
        .filter(({lastStatus}) => lastStatus === 'RUNNING')
        .sort((a, b) => (b.startedAt?.getTime() ?? 0) - (a.startedAt?.getTime() ?? 0))
        .map((task) => ({
          arn: task.taskArn ?? '',
          startedAt: task.startedAt?.toISOString() ?? '',
          execEnabled: task.enableExecuteCommand ?? false,
          containers: (task.containers ?? []).map(({name = '', runtimeId = ''}) => ({name, runtimeId})),
        }))
    },
    async stop(cluster, task, reason) {
      await client.send(new StopTaskCommand({cluster, task, reason}))
    },
    async openSession(cluster, task, container, command) {
      try {
        const query = {cluster, task, container, command, interactive: true}
        const {session} = await client.send(new ExecuteCommandCommand(query))
        const {sessionId = '', streamUrl = '', tokenValue = ''} = session ?? {}
        return {sessionId, streamUrl, tokenValue}
      } catch (error) {
        if (!isNamed(error, 'TargetNotConnectedException', 'InvalidParameterException')) throw error
        const why = error instanceof Error ? error.message : String(error)
        throw new RefusedError(`ECS opens no session in this task: ${why}`, {
          code: 'EXEC_OFF',
          suggestions: [
            'A task takes sessions only if it was started with ExecEnabled: restart the service after the deploy',
          ],
          cause: error,
        })
      }
    },
  })
}
