import a11y from 'eslint-plugin-jsx-a11y'
import hooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['node_modules', 'src/api/openapi.d.ts', 'eslint.config.js'] },
  tseslint.configs.recommendedTypeChecked,
  a11y.flatConfigs.recommended,
  hooks.configs.flat['recommended-latest'],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // Pages call hooks, and hooks call the client.
    files: ['src/pages/**', 'src/parts/**', 'src/forms/**', 'src/shell/**', 'src/movements/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '/api/client$', message: 'Use or write a hook in api/.' }] },
      ],
    },
  },
)
