/**
 * Two short sounds, for who looks at a workbench and not at the screen: rising when a device is good, falling and lower when it is not.
 * Made by oscillators, so that nothing has to be loaded. The browser lets nothing be heard before the person has pressed something here.
 */

/** Hertz, one after the other. */
const TONES = { good: [660, 990], bad: [330, 220] } as const;
const TONE_S = 0.16;
/** Loud enough over a bench, and far from the most there is. */
const LOUDNESS = 0.25;
/** Without it a tone begins and ends with a click. */
const RAMP_S = 0.02;

export type Sound = keyof typeof TONES;

let audio: AudioContext | undefined;

export function play(sound: Sound): void {
  audio ??= new AudioContext();
  const context = audio;
  void context.resume();
  TONES[sound].forEach((hertz, i) => {
    const from = context.currentTime + i * TONE_S;
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0, from);
    loudness.gain.linearRampToValueAtTime(LOUDNESS, from + RAMP_S);
    loudness.gain.setValueAtTime(LOUDNESS, from + TONE_S - RAMP_S);
    loudness.gain.linearRampToValueAtTime(0, from + TONE_S);
    tone.connect(loudness).connect(context.destination);
    tone.start(from);
    tone.stop(from + TONE_S);
  });
}
