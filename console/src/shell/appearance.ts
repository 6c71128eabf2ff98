import { applyDensity, applyMode, Density, Mode } from '@cloudscape-design/global-styles'
import { useSyncExternalStore } from 'react'
import { createSignal } from '../signal'

/** Light or dark follows the system until the reader chooses; the choice is kept in this browser. */
export type Appearance = 'system' | 'light' | 'dark'

const STORED = 'loyalty.appearance'
const DENSITY = 'loyalty.density'
const changes = createSignal()
const system = window.matchMedia('(prefers-color-scheme: dark)')

export function appearance(): Appearance {
  return (localStorage.getItem(STORED) as Appearance | null) ?? 'system'
}

function isDark(): boolean {
  return appearance() === 'system' ? system.matches : appearance() === 'dark'
}

function isCompact(): boolean {
  return localStorage.getItem(DENSITY) === 'compact'
}

export function chooseAppearance(chosen: Appearance): void {
  localStorage.setItem(STORED, chosen)
  apply()
}

export function chooseCompact(compact: boolean): void {
  localStorage.setItem(DENSITY, compact ? 'compact' : 'comfortable')
  apply()
}

export function followAppearance(): void {
  system.addEventListener('change', apply)
  apply()
}

export function useAppearance(): { dark: boolean; compact: boolean } {
  const dark = useSyncExternalStore(changes.subscribe, isDark)
  const compact = useSyncExternalStore(changes.subscribe, isCompact)
  return { dark, compact }
}

function apply(): void {
  applyMode(isDark() ? Mode.Dark : Mode.Light)
  applyDensity(isCompact() ? Density.Compact : Density.Comfortable)
  changes.announce()
}
