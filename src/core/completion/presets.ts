/** How sure the model must be before anything is shown, as the user chooses it. */
export type Preset = "calm" | "balanced" | "eager";

/**
 * Least calibrated probability of the first line that is shown; of a large model's own text the least running product of
 * token probabilities. `balanced` is the lowest at which seven in ten shown lines are right on histories that recall was
 * not fitted on (models/recall/CARD.md: figures of all three).
 */
export const PRESET_THRESHOLDS: Readonly<Record<Preset, number>> = { calm: 0.7, balanced: 0.45, eager: 0.3 };

/** The preset a fresh installation uses. */
export const DEFAULT_PRESET: Preset = "balanced";
