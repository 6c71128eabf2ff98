/** The document of a form: its values by path, such as `expiration.dates[0].month`. Documents are never changed in place. */
export type Document = Readonly<Record<string, unknown>>

type Step = string | number

function stepsOf(path: string): Step[] {
  return [...path.matchAll(/[^.[\]]+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step))
}

/** The path as the schema writes it, for any entry of a list: `expiration.dates[].month`. */
export function schemaPath(path: string): string {
  return path.replace(/\[\d+\]/g, '[]')
}

/** The value at the path; undefined if there is none. */
export function valueAt(document: unknown, path: string): unknown {
  return stepsOf(path).reduce<unknown>((value, step) => (value as Record<Step, unknown> | undefined)?.[step], document)
}

/** The document with the value at the path. Undefined removes a setting, and removes the entry of a list. */
export function withValue<Value>(document: Value, path: string, value: unknown): Value {
  return replaced(document, stepsOf(path), value) as Value
}

function replaced(container: unknown, [step, ...rest]: Step[], value: unknown): unknown {
  if (step === undefined) return value
  if (typeof step === 'number') {
    const list = [...((container as unknown[] | undefined) ?? [])]
    if (rest.length === 0 && value === undefined) list.splice(step, 1)
    else list[step] = replaced(list[step], rest, value)
    return list
  }
  const { [step]: before, ...others } = (container ?? {}) as Record<string, unknown>
  const after = replaced(before, rest, value)
  return after === undefined ? others : { ...others, [step]: after }
}

/** Whether the values are equal, in whatever order their settings are. */
export function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other)
}

/** The value as text, with the settings of each object in alphabetical order. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1))) : part,
  )
}

/** The paths of the single values that differ. A list is one value, and so is an object that only one of them has. */
export function differences(one: unknown, other: unknown, path = ''): string[] {
  if (isSame(one, other)) return []
  if (path !== '' && !(isObject(one) && isObject(other))) return [path]
  const names = new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})])
  return [...names].flatMap((name) => {
    const below = path === '' ? name : `${path}.${name}`
    return differences(valueAt(one, name), valueAt(other, name), below)
  })
}

/** `theirs` with the values that `mine` changed since `base`. */
export function rebased<Value>(base: Value, mine: Value, theirs: Value): Value {
  return differences(base, mine).reduce((document, path) => withValue(document, path, valueAt(mine, path)), theirs)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
