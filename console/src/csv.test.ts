import { expect, test } from 'vitest'
import { csvOf, pointsCell } from './csv'

const lines = (rows: (string | number)[][]) => csvOf(rows).split('\r\n')

test('a spreadsheet reads the file as UTF-8, row by row', () => {
  expect(
    csvOf([
      ['Größe', 'Zone'],
      ['–', 1],
    ]),
  ).toBe('\uFEFFGröße,Zone\r\n–,1\r\n')
})

test('quotes, commas and line breaks stay within their cell', () => {
  expect(csvOf([['say "hi"', 'a,b', 'two\nlines', 'plain']])).toBe('\uFEFF"say ""hi""","a,b","two\nlines",plain\r\n')
})

test('a text is never run as a formula, and a negative number stays a number', () => {
  const [, ...cells] = lines([[''], ['=1+1'], ['+44'], ['-2'], ['@SUM(A1)'], ['\t=1'], [-450], ['=HYPERLINK("x","y")']])
  expect(cells.slice(0, 7)).toEqual([
    "'=1+1",
    "'+44",
    "'-2",
    "'@SUM(A1)",
    "'\t=1",
    '-450',
    `"'=HYPERLINK(""x"",""y"")"`,
  ])
})

test('points have the decimals of their wallet', () => {
  expect([pointsCell(1234, 2), pointsCell(-1250, 2), pointsCell(7, 0)]).toEqual([12.34, -12.5, 7])
})
