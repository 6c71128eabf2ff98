/** The segments to add and to remove, so that a customer of the former segments is in the next ones. */
export function segmentsChange(
  former: readonly string[],
  next: readonly string[],
): { add: string[]; remove: string[] } {
  return {
    add: next.filter((segment) => !former.includes(segment)),
    remove: former.filter((segment) => !next.includes(segment)),
  }
}
