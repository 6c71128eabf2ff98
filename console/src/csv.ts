/** A cell of a table as text. Numbers are written as they are. */
export type Cell = string | number

/** The byte order mark by which spreadsheets read the file as UTF-8. */
const UTF8 = '\uFEFF'

/** The rows as CSV (RFC 4180). A text that a spreadsheet would run as a formula has an apostrophe in front. */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return UTF8 + rows.map((row) => `${row.map(written).join(',')}\r\n`).join('')
}

function written(cell: Cell): string {
  if (typeof cell === 'number') return String(cell)
  const text = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Points as a number of a spreadsheet: 1250 with 2 decimals is 12.5. */
export function pointsCell(points: number, decimals: number): Cell {
  return points / 10 ** decimals
}
