import assert from 'node:assert/strict'
import {loadLayout} from '../../../src/ui/format/layout.ts'
import {formatTunnel} from '../../../src/ui/format/tunnel.ts'

const tunnel = {
  ...{environment: 'prod', host: '127.0.0.1', port: 13_306, schema: 'dashboard', user: 'pi_dashboard'},
  ...{secretArn: 'arn:secret', remoteHost: 'db.example', remotePort: 3306, service: 'dashboard', task: '0abc'},
  ...{loginCommand: 'MYSQL_PWD=... mariadb', sessionCommand: 'aws ssm start-session'},
}

describe('the page of a tunnel', () => {
  it('says where the database is open, how to log in, and how it is closed', async () => {
    const layout = await loadLayout({isTTY: false, color: false, unicode: true, width: 80, height: 24})
    const page = formatTunnel({...tunnel, state: 'open'}, layout)
    assert.match(page, /The database of prod is open here/)
    for (const text of ['127.0.0.1', '13306', 'in arn:secret', 'db.example:3306', 'task 0abc of dashboard'])
      assert.ok(page.includes(text), text)
    assert.match(page, /\n {2}MYSQL_PWD=\.\.\. mariadb\n\nCtrl-C closes it/)
    const planned = formatTunnel({...tunnel, state: 'planned'}, layout)
    assert.match(planned, /nothing is open[^]*\n {2}aws ssm start-session\n$/)
  })
})
