import { createSignal } from '../signal'

/** The key was refused: it lacks the scope of a route, or is not valid any more. */
const refusals = createSignal()
export const announceRefusal = refusals.announce
export const onRefusal = refusals.subscribe
