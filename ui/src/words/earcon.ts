/** Two notes: up for what worked, down for what did not. In Hz. */
const NOTES = { done: [587.33, 880], failed: [440, 293.66] } as const;
const NOTE_S = 0.16;
const LOUDNESS = 0.18;

/** Says a run's outcome to somebody who looks at the device. The words on the screen say the same. */
export function playOutcome(outcome: keyof typeof NOTES): void {
  if (typeof AudioContext === "undefined") return;
  const context = new AudioContext();
  const [first, second] = NOTES[outcome];
  play(context, first, 0);
  play(context, second, NOTE_S).onended = () => void context.close();
}

function play(context: AudioContext, frequency: number, after: number): OscillatorNode {
  const from = context.currentTime + after;
  const until = from + NOTE_S * 1.5;
  const note = new OscillatorNode(context, { type: "sine", frequency });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, until);
  note.connect(volume).connect(context.destination);
  note.start(from);
  note.stop(until);
  return note;
}
