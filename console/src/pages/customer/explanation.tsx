import { lazy, Suspense, useEffect } from 'react'
import type { Wallet } from '../../api/wallets'
import { useHashQuery } from '../../routing'
import { useShell } from '../../shell/shell-context'

const Explained = lazy(() => import('./explained'))

/** Explains the transaction of the location in the panel at the side. */
export function useExplanationPanel(wallet: Wallet): void {
  const [{ explain: transactionId }, change] = useHashQuery()
  const { showDetails } = useShell()
  useEffect(() => {
    if (!transactionId) return
    const seq = transactionId.split('.').at(-1)
    showDetails({
      header: `Transaction ${seq} explained`,
      content: (
        <Suspense>
          <Explained transactionId={transactionId} wallet={wallet} />
        </Suspense>
      ),
      onClose: () => change({ explain: undefined }),
    })
    return () => showDetails(null)
  }, [transactionId, wallet, showDetails, change])
}
