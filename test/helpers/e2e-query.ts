import assert from 'node:assert/strict'

/** The signature is not looked at; the service's name in it is. */
function authorization(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`
}

/** A call in the Query protocol, for services whose SDK client is no dependency. Gives the XML. */
export async function query(
  endpoint: string,
  service: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {authorization: authorization(service)},
    body: new URLSearchParams(parameters),
  })
  const text = await answer.text()
  assert.equal(answer.status, 200, text)
  return text
}

/** A call in the JSON protocol, named by its target. */
export async function target<T>(endpoint: string, service: string, name: string, body: object = {}): Promise<T> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: authorization(service),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': name,
    },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  assert.equal(answer.status, 200, text)
  return JSON.parse(text) as T
}
