import { Box, SpaceBetween } from '@cloudscape-design/components'
import type { ReactNode } from 'react'

/** An empty list: what belongs here, and the button that makes it or clears the filters. */
export function Empty({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <Box textAlign="center" padding="s">
      <SpaceBetween size="s">
        <Box>{text}</Box>
        {children}
      </SpaceBetween>
    </Box>
  )
}
