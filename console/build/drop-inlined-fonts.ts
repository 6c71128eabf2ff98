import type { Plugin } from 'vite'

/**
 * Removes the font faces that the library has as data URLs in its style sheet: they would block the first paint, and the
 * content security policy allows fonts from files only. `fonts.css` names the file that replaces them.
 */
export function dropInlinedFonts(): Plugin {
  return {
    name: 'drop-inlined-fonts',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!/global-styles\/.*\.css/.test(id)) return null
      return { code: code.replaceAll(/@font-face\s*\{[^}]*\}/g, ''), map: null }
    },
  }
}
