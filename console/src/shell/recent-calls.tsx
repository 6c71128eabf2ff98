import { Box, CopyToClipboard, ExpandableSection, SpaceBetween } from '@cloudscape-design/components'
import { useEffect, useSyncExternalStore } from 'react'
import { curlOf, forgetCalls, onCallsChange, recentCalls } from '../api/recent-calls'
import { useHashPath } from '../routing'

/** The requests of the page as curl commands, without the key. */
export function RecentCalls() {
  const calls = useSyncExternalStore(onCallsChange, recentCalls)
  const [path] = useHashPath()
  useEffect(() => forgetCalls, [path])
  if (calls.length === 0) return null
  return (
    <Box margin={{ top: 'xl' }}>
      <ExpandableSection headerText="View as API" variant="footer">
        <SpaceBetween size="s">
          {calls.map(curlOf).map((curl) => (
            <CopyToClipboard
              key={curl}
              variant="inline"
              textToDisplay={curl}
              textToCopy={curl}
              copyButtonAriaLabel="Copy the command"
              copySuccessText="Copied"
              copyErrorText="Not copied"
            />
          ))}
        </SpaceBetween>
      </ExpandableSection>
    </Box>
  )
}
