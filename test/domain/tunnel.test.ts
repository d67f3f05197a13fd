import assert from 'node:assert/strict'
import {forwardingParameters, loginCommand, saysOpen, sessionCommand} from '../../src/domain/tunnel.ts'

const forwarding = {localPort: 13_306, host: 'db.example', port: 3306}
const login = {
  port: 13_306,
  user: 'pi_dashboard',
  secretArn: 'arn:aws:secretsmanager:x:1:secret:s',
  schema: 'dashboard',
}

describe('a tunnel', () => {
  it('is asked for by host and ports, each a list of one text', () => {
    assert.deepEqual(forwardingParameters(forwarding), {
      host: ['db.example'],
      portNumber: ['3306'],
      localPortNumber: ['13306'],
    })
  })

  for (const [line, open] of [
    ['Port 13306 opened for sessionId ann-0123456789abcdef0.', true],
    ['Waiting for connections...', false],
    ['Starting session with SessionId: ann-0123456789abcdef0', false],
    ['Cannot open: Port 13306 opened for sessionId x', false],
  ] as const)
    it(`is ${open ? 'open' : 'not open'} at "${line}"`, () => assert.equal(saysOpen(line), open))

  it('is logged in through without the password among arguments or output', () => {
    const command = loginCommand(login, {region: 'eu-west-1', profile: undefined})
    const [variable, client] = command.split('" mariadb ')
    assert.match(
      variable ?? '',
      /^MYSQL_PWD="\$\(aws secretsmanager get-secret-value .* --region eu-west-1 \| jq -r \.password\)$/,
    )
    assert.equal(client, '--host=127.0.0.1 --port=13306 --protocol=tcp --user=pi_dashboard dashboard')
  })

  it('is opened by the AWS CLI under the same profile', () => {
    assert.equal(
      sessionCommand('ecs:c_t_r', forwarding, {region: 'eu-west-1', profile: 'ops'}),
      `aws ssm start-session --target ecs:c_t_r --document-name AWS-StartPortForwardingSessionToRemoteHost --parameters '{"host":["db.example"],"portNumber":["3306"],"localPortNumber":["13306"]}' --region eu-west-1 --profile ops`,
    )
  })
})
