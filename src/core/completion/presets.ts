/** How sure the model must be before anything is shown, as the user chooses it. */
export type Preset = "calm" | "balanced" | "eager";

/**
 * Least running product of token probabilities that is shown. Measured on the starter's held-out files
 * (models/starter/CARD.md): the presets' precision and coverage stand there.
 */
export const PRESET_THRESHOLDS: Readonly<Record<Preset, number>> = { calm: 0.7, balanced: 0.5, eager: 0.3 };

/** The preset a fresh installation uses. */
export const DEFAULT_PRESET: Preset = "balanced";
