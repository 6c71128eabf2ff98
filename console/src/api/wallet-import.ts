import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, dataOf } from './client'
import type { components } from './openapi'
import { walletKeys } from './wallets'

export type WalletImport = components['schemas']['WalletImport']
/** A definition of another system, as its API writes it. */
export type Definition = components['schemas']['WalletImportRequest']

/** Shows the settings and the mapping, and creates no wallet. */
export function useImportDryRun() {
  return useMutation({ mutationFn: (definition: Definition) => importWallet(definition, true) })
}

/** Creates a draft. The same key never creates a second one. */
export function useImportWallet() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ definition, key }: { definition: Definition; key: string }) => importWallet(definition, false, key),
    onSuccess: () => queries.invalidateQueries({ queryKey: walletKeys.all }),
  })
}

function importWallet(definition: Definition, dryRun: boolean, key?: string): Promise<WalletImport> {
  return dataOf(
    client.POST('/v1/wallets/import', {
      params: {
        query: { format: 'voucherify', status: 'DRAFT', dryRun },
        header: key === undefined ? undefined : { 'idempotency-key': key },
      },
      body: definition,
    }),
  )
}
