// A Puck.js (version 2 or later, it has the accelerometer) as a sleepclip clip: docs/clip-protocol.md.
// Paste it into the Espruino Web IDE, choose "save to flash", disconnect. The name and the service appear in `sleepclip scan`.
// The Bluetooth console is off while it runs: to get it back, start the Puck with its button held, as its manual says under "hard reset".

const SERVICE = "d1010000-1aad-49ae-82b7-fe15437958d5";
const DATA = "d1010001-1aad-49ae-82b7-fe15437958d5";
const CONTROL = "d1010002-1aad-49ae-82b7-fe15437958d5";

// Rows a packet. Two rows (16 bytes) fit every link; a row more than the link carries and every packet is cut and refused.
const ROWS = 2;

// The nearest rates of the LSM6DS3TR, all within 4 %. Its range is +-4 g, so 8192 counts are 1 g as the protocol wants.
const ACCEL_HZ = { 25: 26, 50: 52, 100: 104 };

let sequence = 0; // number of the next row, counted in samples
let rows = 0; // in the packet so far
const packet = new DataView(new ArrayBuffer(4 + 6 * ROWS));

function ticks() {
  return Math.floor(getTime() * 1024) % 65536; // 1/1024 s; getTime() counts the 32768 Hz crystal
}

function onAccel(reading) {
  if (rows === 0) {
    packet.setUint16(0, sequence, true);
    packet.setUint16(2, ticks(), true);
  }
  const at = 4 + 6 * rows;
  packet.setInt16(at, reading.acc.x, true);
  packet.setInt16(at + 2, reading.acc.y, true);
  packet.setInt16(at + 4, reading.acc.z, true);
  sequence = (sequence + 1) & 65535;
  rows++;
  if (rows === ROWS) send();
}

function send() {
  rows = 0;
  // A full radio queue drops the packet. Its rows keep their numbers, so the receiver knows what is missing.
  NRF.updateServices({ [SERVICE]: { [DATA]: { value: packet.buffer, notify: true } } });
}

function start(rate) {
  if (!ACCEL_HZ[rate]) return;
  rows = 0;
  Puck.accelOn(ACCEL_HZ[rate]);
}

function stop() {
  Puck.accelOff();
  rows = 0;
}

function onControl(event) {
  if (event.data[0] === 1) start(event.data[1]);
  if (event.data[0] === 0) stop();
}

function showBattery() {
  NRF.updateServices({ 0x180f: { 0x2a19: { value: [E.getBattery()], notify: true } } });
}

function onInit() {
  NRF.setServices(
    {
      [SERVICE]: {
        [DATA]: { maxLen: 4 + 6 * ROWS, notify: true },
        [CONTROL]: { maxLen: 2, writable: true, onWrite: onControl },
      },
      0x180f: { 0x2a19: { value: [E.getBattery()], maxLen: 1, readable: true, notify: true } },
    },
    { advertise: [SERVICE], uart: false }
  );
  NRF.setAdvertising({}, { name: "sleepclip" });
  NRF.on("disconnect", stop);
  Puck.on("accel", onAccel);
  setInterval(showBattery, 60000);
}
