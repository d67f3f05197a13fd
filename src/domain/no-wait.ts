/** A command of long work, as `--no-wait` sees it. */
export type NoWait =
  /** It returns at that point, and this goes on with the rest. */
  | {readonly returns: string; readonly goesOn: string}
  /** It needs its driver to the end, for this reason; that can be done instead. */
  | {readonly why: string; readonly instead: string}

const opsWait = '`ops wait`'
const timeout = '--timeout ends the wait after a while, and ops wait goes on'
const firstStack = 'once the first stack operation runs'
const decides = 'it decides between its steps, and proves what it brought'

/** Every command with `--timeout`: what a process may leave behind must go on at AWS by itself up to a known point. */
export const noWait: Readonly<Record<string, NoWait>> = {
  deploy: {returns: firstStack, goesOn: opsWait},
  destroy: {returns: firstStack, goesOn: opsWait},
  exec: {why: 'its output and its exit code are what it is for', instead: '--timeout ends the wait and stops the task'},
  'ops abort': {why: 'what is taken back is decided step by step', instead: timeout},
  'ops resume': {why: 'it is what goes on with an operation', instead: timeout},
  'ops wait': {why: 'it waits', instead: 'ops show tells how an operation stands'},
  'restore finalize': {why: decides, instead: timeout},
  'restore resume': {why: decides, instead: timeout},
  'restore run': {why: decides, instead: timeout},
  'restore undo': {why: decides, instead: timeout},
  'secret rotate': {
    why: 'half a change is worse than none: secret, database and tasks change in one go',
    instead: 'run it where nobody minds some minutes',
  },
  'service abort': {returns: 'as soon as ECS knows', goesOn: '`service deployments`'},
  'service restart': {returns: 'as soon as ECS knows', goesOn: '`service deployments`'},
  'service scale': {returns: 'as soon as ECS knows', goesOn: '`service deployments`'},
  'sideload start': {returns: 'once the function has its first slices', goesOn: '`sideload wait`'},
  'sideload verify': {why: 'the function is called slice by slice', instead: timeout},
  'sideload wait': {why: 'it waits', instead: 'sideload status tells how it stands'},
  'snapshot copy': {
    why: 'a copy becomes a set only when its manifest is written, last',
    instead: '--timeout ends the wait after a while, and the same command goes on',
  },
  'snapshot create': {
    returns: 'once the services run again and AWS Backup alone is at work, which may take an hour',
    goesOn: opsWait,
  },
  'snapshot delete': {why: 'what may go is looked at before each step', instead: timeout},
  'snapshot gc': {why: 'what may go is looked at before each step', instead: timeout},
  'snapshot prune': {why: 'what may go is looked at before each step', instead: timeout},
  'snapshot verify': {why: 'a verdict is what it is for', instead: timeout},
  upgrade: {returns: 'once the snapshot is whole and the first stack operation of the deploy runs', goesOn: opsWait},
}
