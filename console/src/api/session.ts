import { client, dataOf } from './client'
import type { components } from './openapi'
import { isRefusalOfKey } from './problems'

export type Session = components['schemas']['Session']

/** The session of the tab's key, or of another key. */
export function readSession(key?: string): Promise<Session> {
  return dataOf(client.GET('/v1/session', key === undefined ? {} : { headers: { 'X-Api-Key': key } }))
}

/** Whether the tab's key is refused everywhere. A missing scope is refused with the same status. */
export async function isKeyRefused(): Promise<boolean> {
  return readSession().then(() => false, isRefusalOfKey)
}
