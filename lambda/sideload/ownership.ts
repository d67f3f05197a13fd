import {SideloadError, systemCode} from './errors.ts'
import type {Entry, Files} from './files.ts'
import type {Settings} from './settings.ts'

/**
 * Gives what we just made to the data's user. Whether we may is decided by who we are to the file system, and that is
 * the owner it gave to the fresh thing: through the root access point it is 0, whatever user the function runs as.
 * @param fresh what the file system says of it
 * @throws SideloadError OWNERSHIP_REFUSED
 */
export async function giveAway(
  {uid, gid}: Entry,
  {dataUid, dataGid}: Settings,
  files: Files,
  setOwner: (uid: number, gid: number) => Promise<void>,
): Promise<void> {
  if (uid === dataUid && gid === dataGid) return
  const root = uid === 0
  // A plain folder of an ordinary user (the embedded AWS on a laptop): nobody there asks for another owner.
  if (!root && uid === files.processUid()) return
  if (!root && uid !== dataUid) {
    throw new SideloadError(
      'OWNERSHIP_REFUSED',
      `the file system sees us as user ${uid}, not as root: is ClientRootAccess allowed?`,
    )
  }
  await setOwner(dataUid, dataGid).catch((error: unknown) => {
    if (systemCode(error) !== 'EPERM') throw error
    throw new SideloadError('OWNERSHIP_REFUSED', `the file system refuses owner ${dataUid}:${dataGid}`, error)
  })
}
