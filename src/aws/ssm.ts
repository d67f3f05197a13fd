import {SSMClient, StartSessionCommand, TerminateSessionCommand} from '@aws-sdk/client-ssm'
import {RefusedError} from '../domain/errors.ts'
import type {PortForwarding} from '../flows/tunnel/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/** Sessions of Systems Manager by its API. */
export function createPortForwarding(config: ClientConfig): PortForwarding {
  const client = new SSMClient(config)
  return translateErrors<PortForwarding>(
    {
      async begin({Target, DocumentName, Parameters = {}}) {
        const parameters = Object.fromEntries(Object.entries(Parameters).map(([name, values]) => [name, [...values]]))
        try {
          const answer = await client.send(new StartSessionCommand({Target, DocumentName, Parameters: parameters}))
          const {SessionId: sessionId = '', StreamUrl: streamUrl = '', TokenValue: tokenValue = ''} = answer
          return {sessionId, streamUrl, tokenValue}
        } catch (error) {
          if (!isNamed(error, 'TargetNotConnected')) throw error
          const why = error instanceof Error ? error.message : String(error)
          throw new RefusedError(`Systems Manager opens no session there: ${why}`, {
            code: 'TARGET_NOT_CONNECTED',
            suggestions: ['A task takes sessions some seconds after its start: run the same command again'],
            cause: error,
          })
        }
      },
      async end(SessionId) {
        try {
          await client.send(new TerminateSessionCommand({SessionId}))
        } catch (error) {
          if (!isNamed(error, 'DoesNotExist')) throw error
        }
      },
    },
    {begin: 'ssm:StartSession', end: 'ssm:TerminateSession'},
  )
}
