import { Box, Button } from '@cloudscape-design/components'

interface LoadMoreProps {
  pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
}

/** The button below a list that is read page by page. */
export function LoadMore({ pages }: LoadMoreProps) {
  if (!pages.hasNextPage) return null
  return (
    <Box textAlign="center">
      <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        Load more
      </Button>
    </Box>
  )
}
