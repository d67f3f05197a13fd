/** The document of AWS by which a session forwards a local port to a host that its target can reach. */
export const forwardingDocument = 'AWS-StartPortForwardingSessionToRemoteHost'

/** Where tunnels are listened for when nobody says: not MariaDB's own port, which a server of this machine may have. */
export const usualTunnelPort = 13_306

/** The only address of this machine that a tunnel is open at. */
export const tunnelAddress = '127.0.0.1'

/** What is forwarded: from a port of this machine to a port of a host in the VPC. */
export interface Forwarding {
  readonly localPort: number
  readonly host: string
  readonly port: number
}

/** The parameters of the document (Systems Manager guide, "Start a session", port forwarding to a remote host). */
export function forwardingParameters({localPort, host, port}: Forwarding): Readonly<Record<string, readonly string[]>> {
  return {host: [host], portNumber: [String(port)], localPortNumber: [String(localPort)]}
}

/** Whether a line of the Session Manager plugin says that it listens. */
export function saysOpen(line: string): boolean {
  return /^Port \d+ opened for sessionId /.test(line)
}

/** What the commands that are shown need besides, to find the same account. */
export interface CommandPlace {
  readonly region: string
  readonly profile: string | undefined
}

function awsFlags({region, profile}: CommandPlace): string {
  return `--region ${region}${profile === undefined ? '' : ` --profile ${profile}`}`
}

/**
 * A line of the shell that logs in through the tunnel. The password goes from Secrets Manager into the variable of the one
 * client: it is neither shown nor an argument.
 */
export function loginCommand(
  login: {readonly port: number; readonly user: string; readonly secretArn: string; readonly schema: string},
  place: CommandPlace,
): string {
  const {port, user, secretArn, schema} = login
  const read = `aws secretsmanager get-secret-value --secret-id ${secretArn} --query SecretString --output text ${awsFlags(place)}`
  return `MYSQL_PWD="$(${read} | jq -r .password)" mariadb --host=${tunnelAddress} --port=${port} --protocol=tcp --user=${user} ${schema}`
}

/** What the AWS CLI is told to open the same tunnel. */
export function sessionCommand(target: string, forwarding: Forwarding, place: CommandPlace): string {
  const parameters = JSON.stringify(forwardingParameters(forwarding))
  return `aws ssm start-session --target ${target} --document-name ${forwardingDocument} --parameters '${parameters}' ${awsFlags(place)}`
}
