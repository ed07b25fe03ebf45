// SPDX-License-Identifier: MIT
//
// node check-fit.cjs FILE.fit FILE.rows: reads a FIT file with fit-file-parser and compares it with the rows that it was made of
// (see make-runs.c). Says what is different, and exits 1; silent if nothing is. Of a file that it does not take at all the parser
// says so in its callback, or never calls it.

'use strict';

const fs = require('fs');
const FitParser = require('fit-file-parser').default;

const RECORD = 20, HRV = 78, FIT_EPOCH = 631065600;
const [fit, rows] = process.argv.slice(2);
const wrong = [];

const want = { record: [], rr: [], lap: [], pace: [] };
for (const line of fs.readFileSync(rows, 'utf8').split('\n').filter(Boolean)) {
  const [what, ...numbers] = line.split(' ');
  want[what].push(numbers.map(Number));
}

function number(bytes) {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

// The intervals, each with the second of the first record behind it, from the messages as they stand in the file.
function intervals(messages) {
  const found = [];
  let pending = [];
  for (const message of messages) {
    const bytes = n => [].concat(message.fields.find(f => f.field_definition_number === n).raw_value);
    if (message.global_message_number === HRV) {
      const values = bytes(0);
      for (let i = 0; i < values.length; i += 2)
        if (number(values.slice(i, i + 2)) !== 0xffff) pending.push(number(values.slice(i, i + 2)));
    } else if (message.global_message_number === RECORD) {
      const second = number(bytes(253)) + FIT_EPOCH;
      found.push(...pending.map(ms => [second, ms]));
      pending = [];
    }
  }
  return found.concat(pending.map(ms => [NaN, ms]));
}

function compare(what, found, equal) {
  if (found.length !== want[what].length)
    wrong.push(`${found.length} of ${what}, not ${want[what].length}`);
  found.slice(0, want[what].length).forEach((row, i) => {
    if (!equal(row, want[what][i])) wrong.push(`${what} ${i}: ${row}, not ${want[what][i]}`);
  });
}

// Each pace, in the record of its second or of the one after it, but for a few where two came within one; distances never fall, and
// laps and session have the whole of them.
function checkPace(data) {
  const second = date => Date.parse(date) / 1000;
  const session = data.sessions[0];
  const with_distance = data.records.filter(r => r.distance !== undefined);
  const near = (a, b, off) => Math.abs(a - b) <= off;
  const last = want.pace.length > 0 ? want.pace[want.pace.length - 1][3] : undefined;

  if (data.records.some(r => r.position_lat !== undefined || r.altitude !== undefined)) wrong.push('a place');
  if (want.pace.length === 0) {
    if (with_distance.length > 0 || data.records.some(r => r.speed !== undefined || r.cadence !== undefined))
      wrong.push('a pace without a pod');
    return;
  }
  const is = (r, [at, speed, steps, distance, grade]) =>
    second(r.timestamp) - Math.floor(at / 1000) >= 0 && second(r.timestamp) - Math.floor(at / 1000) <= 1 &&
    near(r.speed, speed, 0.0006) && near(r.enhanced_speed, speed, 0.0006) && near(r.distance, distance, 0.006) &&
    near((r.cadence + r.fractional_cadence) * 2, steps, 0.02) && near(r.grade, grade, 0.006);
  let next = 0;
  with_distance.forEach((r, i) => {
    while (next < want.pace.length && !is(r, want.pace[next])) next++;
    if (next++ >= want.pace.length) wrong.push(`record ${i} at ${r.distance} m is not of the pod`);
  });
  if (want.pace.length - with_distance.length > want.pace.length / 100)
    wrong.push(`${with_distance.length} of pace, not ${want.pace.length}`);
  with_distance.slice(1).forEach((r, i) => {
    if (r.distance < with_distance[i].distance) wrong.push(`distance ${r.distance} behind ${with_distance[i].distance}`);
  });
  if (!near(session.total_distance, last, 0.006)) wrong.push(`${session.total_distance} m, not ${last}`);
  if (!near(data.laps.reduce((sum, l) => sum + l.total_distance, 0), last, 0.05)) wrong.push('laps of another distance');
  for (const part of [session, ...data.laps])
    if (!near(part.enhanced_avg_speed * part.total_timer_time, part.total_distance, 1.5) || !near(part.avg_speed, part.enhanced_avg_speed, 0.001))
      wrong.push(`${part.total_distance} m in ${part.total_timer_time} s at ${part.enhanced_avg_speed} m/s`);
  if (!(session.avg_cadence > 70 && session.avg_cadence < 90)) wrong.push(`cadence ${session.avg_cadence}`);
}

function check(data) {
  const second = date => Date.parse(date) / 1000;
  const session = data.sessions[0];
  const same = (a, b) => a.every((value, i) => value === b[i]);

  compare('record', data.records.filter(r => r.heart_rate !== undefined).map(r => [second(r.timestamp), r.heart_rate]), same);
  compare('rr', intervals(data.raw_messages), (a, b) => a[0] === b[0] && Math.abs(a[1] - b[1] * 1000 / 1024) <= 1);
  compare('lap', data.laps.map(l => [second(l.start_time), Math.round(l.total_elapsed_time * 1000)]), same);
  if (data.hrv.flatMap(h => h.time).filter(s => s !== null && s !== undefined && s < 65).length !== want.rr.length)
    wrong.push('other intervals than in the messages as they stand');
  checkPace(data);
  if (data.sessions.length !== 1 || session.num_laps !== want.lap.length || session.sport !== 'running')
    wrong.push('another session');
  if (data.events.map(e => `${e.event} ${e.event_type}`).join() !== 'timer start,timer stop_all')
    wrong.push(`events: ${data.events.map(e => `${e.event} ${e.event_type}`).join()}`);
  if (want.record.length > 0 && Math.abs(session.Ceiling - 145.55) > 0.001)
    wrong.push(`ceiling ${session.Ceiling}`);
}

let called = false;
const parser = new FitParser({ force: false, mode: 'list', includeRawMessages: [RECORD, HRV] });
parser.parse(fs.readFileSync(fit), (error, data) => {
  called = true;
  if (error) wrong.push(`refused: ${error}`);
  else check(data);
});
if (!called) wrong.push('refused without a word');
wrong.slice(0, 10).forEach(line => console.log(line));
process.exit(wrong.length > 0 ? 1 : 0);
