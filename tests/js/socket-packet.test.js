import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Decoder, encode } from '../../public/lib/socket-packet.js';
import { decodeFrame, decodeHandshake, decodePayload, encodePayload, ParseError, payloadSize } from '../../public/lib/socket-payload.js';

const decode = (...messages) => {
  const decoder = new Decoder();
  return messages.map((message) => decoder.add(message)).at(-1);
};

describe('packets as text', () => {
  for (const [packet, text] of [
    [{ type: 0, nsp: '/', data: { sid: 'x' } }, '0{"sid":"x"}'],
    [{ type: 1, nsp: '/' }, '1'],
    [{ type: 2, nsp: '/', data: ['a', 1] }, '2["a",1]'],
    [{ type: 2, nsp: '/', id: 0, data: ['a'] }, '20["a"]'],
    [{ type: 2, nsp: '/x', id: 3, data: ['é', null] }, '2/x,3["é",null]'],
    [{ type: 3, nsp: '/', id: 12, data: [] }, '312[]'],
    [{ type: 4, nsp: '/x', data: { message: 'no' } }, '4/x,{"message":"no"}'],
    [{ type: 2, nsp: '/', data: [7] }, '2[7]'],
  ]) {
    test(text, () => {
      assert.deepEqual(encode(packet), [text]);
      assert.deepEqual(decode(text), packet);
    });
  }

  test('what is none is refused', () => {
    for (const text of ['', '7', '9', 'x', '5["x"]', '5-["x"]', '2[]', '2[{}]', '2{}', '2', '3[1]', '31', '0{}', '0{"sid":1}', '1{}', '21-["x"]', '2["connect"]',
      '2["disconnect"]', '2abc["x"]', '2/x["a"]', '2["a"', '2["a"]x']) {
      assert.throws(() => decode(text), ParseError, text);
    }
  });
});

describe('packets with attachments', () => {
  const bytes = (...list) => Uint8Array.from(list);

  test('leave their places to placeholders, in order', () => {
    const [a, b, c] = [bytes(1), bytes(2).buffer, Buffer.from([3])];
    const [text, ...attachments] = encode({ type: 2, nsp: '/n', id: 4, data: ['x', { deep: [a, b] }, c, new Date(0)] });
    assert.equal(text, '53-/n,4["x",{"deep":[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]},{"_placeholder":true,"num":2},"1970-01-01T00:00:00.000Z"]');
    assert.deepEqual(attachments, [a, b, c]);
    assert.deepEqual(encode({ type: 3, nsp: '/', id: 1, data: [a] }), ['61-1[{"_placeholder":true,"num":0}]', a]);
  });

  test('an object that says itself what it is as JSON is taken at its word', () => {
    const thing = { toJSON: () => ({ bytes: bytes(1) }) };
    assert.deepEqual(encode({ type: 2, nsp: '/', data: ['x', thing] }), ['51-["x",{"bytes":{"_placeholder":true,"num":0}}]', bytes(1)]);
  });

  test('are whole when the last one came, each in the place of its number', () => {
    const decoder = new Decoder();
    assert.equal(decoder.add('52-7["x",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]'), undefined);
    assert.equal(decoder.add(bytes(0)), undefined);
    assert.deepEqual(decoder.add(bytes(1)), { type: 2, nsp: '/', id: 7, data: ['x', bytes(1), [bytes(0)]] });
    assert.deepEqual(decoder.add('2["next"]'), { type: 2, nsp: '/', data: ['next'] });
    assert.deepEqual(decode('50-["x"]'), { type: 2, nsp: '/', data: ['x'] });
  });

  test('change no prototype', () => {
    const { data } = decode('51-["x",{"__proto__":{"_placeholder":true,"num":0}}]', bytes(9));
    assert.equal(Object.getPrototypeOf(data[1]), Object.prototype);
    assert.deepEqual(Object.getOwnPropertyDescriptor(data[1], '__proto__').value, bytes(9));
  });

  test('are refused when they do not fit', () => {
    for (const num of ['1', '-1', '0.5', '"0"', 'null']) {
      assert.throws(() => decode(`51-["x",{"_placeholder":true,"num":${num}}]`), ParseError, num);
    }
    assert.throws(() => decode(bytes(1)), ParseError);
    assert.throws(() => decode('51-["x",{"_placeholder":true,"num":0}]', '2["y"]'), ParseError);
  });
});

describe('payloads', () => {
  test('hold packets, binary ones in base64', async () => {
    const packets = [{ type: '4', data: '2["é"]' }, { type: '4', data: Uint8Array.from([1, 2, 3, 255]) }, { type: '3', data: 'probe' }, { type: '6' }];
    const payload = await encodePayload(packets);
    assert.equal(payload, '42["é"]\x1ebAQID/w==\x1e3probe\x1e6');
    const [text, binary, pong, noop] = decodePayload(payload);
    assert.deepEqual([text, pong, noop], [{ type: '4', data: '2["é"]' }, { type: '3', data: 'probe' }, { type: '6', data: '' }]);
    assert.deepEqual(binary, { type: '4', data: Buffer.from([1, 2, 3, 255]) });
  });

  test('a blob goes as its bytes', async () => {
    assert.equal(await encodePayload([{ type: '4', data: new Blob(['abc']) }]), 'bYWJj');
  });

  test('a large buffer goes whole', async () => {
    const large = Buffer.alloc(100_001, 7);
    assert.deepEqual(decodePayload(await encodePayload([{ type: '4', data: large }]))[0].data, large);
  });

  test('have a size that is never told too small', async () => {
    for (const data of ['', 'abc', 'ñ€😀', Uint8Array.of(1), Buffer.alloc(3), new ArrayBuffer(4), new Blob(['12345'])]) {
      const packet = { type: '4', data };
      assert.ok(payloadSize(packet) >= Buffer.byteLength(await encodePayload([packet])) + 1, String(data));
    }
  });

  test('what is none is refused', () => {
    for (const payload of ['', '4a\x1e', '7', 'x', 'b!', 'bA']) assert.throws(() => decodePayload(payload), ParseError, payload);
    for (const frame of ['', '9', 7, null]) assert.throws(() => decodeFrame(frame), ParseError);
    for (const text of ['', '{}', '{"sid":1,"pingInterval":1,"pingTimeout":1}', '{"sid":"a","pingInterval":0,"pingTimeout":1}',
      '{"sid":"a","pingInterval":1,"pingTimeout":1,"upgrades":"x"}']) {
      assert.throws(() => decodeHandshake(text), ParseError, text);
    }
  });
});
