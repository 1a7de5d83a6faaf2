/** Sounds, made here from tones: no file to load, and nothing before the visitor has touched the page. */
import type { News } from './news';
import { settings } from './settings';

export type Sound = 'move' | 'capture' | 'check' | 'low' | 'end' | 'notify';

/** One tone: when it begins and how long it fades, in seconds; how high, in hertz; how loud, up to 1. */
type Tone = readonly [at: number, lasts: number, frequency: number, volume: number, shape: OscillatorType];

/** Wood on wood is a low tone that dies at once, with a click on top. */
const SOUNDS: Record<Sound, readonly Tone[]> = {
  move: [
    [0, 0.07, 190, 0.7, 'triangle'],
    [0, 0.02, 900, 0.2, 'square'],
  ],
  capture: [
    [0, 0.09, 140, 0.9, 'triangle'],
    [0, 0.03, 1300, 0.25, 'square'],
    [0.045, 0.07, 220, 0.6, 'triangle'],
  ],
  check: [
    [0, 0.07, 190, 0.7, 'triangle'],
    [0, 0.16, 660, 0.3, 'sine'],
    [0.07, 0.2, 880, 0.3, 'sine'],
  ],
  low: [
    [0, 0.1, 1046, 0.35, 'sine'],
    [0.14, 0.1, 1046, 0.35, 'sine'],
  ],
  end: [
    [0, 0.35, 392, 0.35, 'sine'],
    [0.12, 0.4, 523, 0.35, 'sine'],
    [0.24, 0.6, 659, 0.35, 'sine'],
  ],
  notify: [
    [0, 0.2, 587, 0.35, 'sine'],
    [0.1, 0.3, 784, 0.35, 'sine'],
  ],
};

let context: AudioContext | null = null;

/** Plays the sound, if sounds are wanted and the browser lets this page make any yet. */
export function play(sound: Sound): void {
  // Asking before the first touch would be refused, and logged as a warning.
  if (!settings.get().sound || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  if (context.state === 'suspended') void context.resume();
  for (const tone of SOUNDS[sound]) strike(context, tone);
}

function strike(audio: AudioContext, [at, lasts, frequency, volume, shape]: Tone): void {
  const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
  const start = audio.currentTime + at;
  oscillator.type = shape;
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(volume * 0.4, start);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + lasts);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + lasts);
}

/** What news sounds like. */
export function soundOf(news: News): Sound {
  switch (news.kind) {
    case 'move':
      return /[+#]$/.test(news.san) ? 'check' : news.san.includes('x') ? 'capture' : 'move';
    case 'end':
      return 'end';
    default:
      return 'notify';
  }
}
