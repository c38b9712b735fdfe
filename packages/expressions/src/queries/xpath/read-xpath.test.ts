import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { exampleBudget } from '../../budget.example.ts';
import { ExpressionError } from '../../expression-error.ts';
import { readXPath } from './read-xpath.ts';

const pets = '<pets><pet id="1"><name>Rex</name></pet><pet id="2"><name>Tom &amp; Co</name></pet></pets>';

function find(text: string, xml: Json = pets): Json[] {
  return readXPath(text, { isFixed: true }).find(xml, exampleBudget());
}

function holds(text: string, xml: Json = pets): boolean {
  return readXPath(text, { isFixed: true }).holds(xml, exampleBudget());
}

describe('the effective boolean value', () => {
  test.each<[string, boolean]>([
    ['//pet', true],
    ['//cow', false],
    ['1', true],
    ['0', false],
    ["'a'", true],
    ["''", false],
    ["number('x')", false],
    ['true()', true],
    ['false()', false],
    ['()', false],
    ["//pet[name = 'Rex']", true],
    ['count(//pet) = 2 and not(//cow)', true],
    ["string(//pet[1]/@id) = '1'", true],
  ])('of %s is %j', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });
});

describe('the result for a node is its text', () => {
  test.each<[string, Json[]]>([
    ['//name', ['Rex', 'Tom & Co']],
    ['//pet[1]', ['Rex']],
    ['//pet/@id', ['1', '2']],
    ['//name/text()', ['Rex', 'Tom & Co']],
    ['/', ['RexTom & Co']],
    ['count(//pet)', [2]],
    ["//pet = 'Rex'", [true]],
    ['1 to 3', [1, 2, 3]],
    ['//pet ! upper-case(name)', ['REX', 'TOM & CO']],
    ["for $pet in //pet return concat($pet/@id, ':', $pet/name)", ['1:Rex', '2:Tom & Co']],
    ['//cow', []],
  ])('%s', (text, expected) => {
    expect(find(text)).toEqual(expected);
  });

  test.each(["number('x')", 'map { "a": 1 }', "xs:date('2020-01-01')"])(
    'a value that JSON cannot express is an error: %s',
    (text) => {
      expect(() => find(text)).toThrow(ExpressionError);
    },
  );

  test('spaces and a byte order mark before the declaration do not matter', () => {
    expect(find('/a', '\ufeff \n<?xml version="1.0"?><a>1</a>')).toEqual(['1']);
  });
});

describe('namespaces', () => {
  const soap =
    '<s:Envelope xmlns:s="urn:soap" xmlns="urn:default"><s:Body><item>1</item><n:late xmlns:n="urn:n"/></s:Body></s:Envelope>';

  test.each<[string, Json[]]>([
    ['//s:Body/*[1]', ['1']],
    ['//item', []],
    ['//*:item', ['1']],
    ["//*[local-name() = 'item']", ['1']],
  ])('%s', (text, expected) => {
    expect(find(text, soap)).toEqual(expected);
  });

  test('a prefix that the root does not declare is an error', () => {
    expect(() => find('//n:late', soap)).toThrow('XPST0081');
  });

  test('the meaning of a prefix depends on each document', () => {
    expect(find('//p:a', '<p:a xmlns:p="urn:1">1</p:a>')).toEqual(['1']);
    expect(find('//p:a', '<p:a xmlns:p="urn:2">2</p:a>')).toEqual(['2']);
  });
});

describe('functions with regular expressions use the linear engine', () => {
  test.each<[string, Json[]]>([
    ["//name[matches(., '^R.x$')]", ['Rex']],
    ["//name[matches(., '^r', 'i')]", ['Rex']],
    ["tokenize('a, b,c', ',\\s*')", ['a', 'b', 'c']],
    ["tokenize('aXbxc', 'x', 'i')", ['a', 'b', 'c']],
    ["tokenize(' a  b ')", ['a', 'b']],
    ["tokenize((), ',')", []],
    ["replace('2026-11', '(\\d+)-(\\d+)', '$2/$1')", ['11/2026']],
    ["replace('aXb', 'x', '\\$', 'i')", ['a$b']],
    ["//name[(matches#2)(., 'Tom')]", ['Tom & Co']],
    ["fn:matches('a', 'a')", [true]],
  ])('%s', (text, expected) => {
    expect(find(text)).toEqual(expected);
  });

  test.each(["matches('a', '(?=a)')", "matches('a', '(a)\\1')", "replace('a', 'a*', '')", "matches('a', 'a', 'x')"])(
    '%s fails',
    (text) => {
      expect(() => find(text)).toThrow(ExpressionError);
    },
  );
});

describe('text that is not XML is an error that does not quote it', () => {
  test.each<[Json]>([
    ['{"secret": 1}'],
    ['secret'],
    [''],
    ['<secret>'],
    ['<a>&secret;</a>'],
    ['<a/><secret/>'],
    [{ a: 'secret' }],
    [5],
    ['<s:secret/>'],
  ])('%j', (value) => {
    expect(() => find('/', value)).toThrow(ExpressionError);
    expect(() => find('/', value)).not.toThrow(/secret/);
  });

  test('nor does the error of an expression that fails on it', () => {
    expect(() => find('xs:date(/a)', '<a>secret</a>')).not.toThrow(/secret/);
    expect(() => find('xs:date(/a)', '<a>secret</a>')).toThrow('FORG0001');
  });
});

describe('a document type is refused before anything is parsed', () => {
  test.each([
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    '<!doctype a><a/>',
    '<?xml version="1.0"?>\n<!DOCTYPE a><a/>',
  ])('%s', (xml) => {
    expect(() => find('/', xml)).toThrow('DOCTYPE');
  });
});

describe('a replacement at an XPath', () => {
  const replace = (xml: Json, text: string, to: Json) =>
    readXPath(text, { isFixed: true }).replace(xml, { copy: () => to, strict: false, budget: exampleBudget() });

  test.each<[string, Json, string]>([
    ['//b', 'new', '<a x="1"><b>new</b><c><![CDATA[2]]></c></a>'],
    ['//b', '<i>&"', '<a x="1"><b>&lt;i&gt;&amp;"</b><c><![CDATA[2]]></c></a>'],
    ['/a/@x', '"<&', '<a x="&quot;&lt;&amp;"><b>1</b><c><![CDATA[2]]></c></a>'],
    ['//b/text()', 5, '<a x="1"><b>5</b><c><![CDATA[2]]></c></a>'],
    ['//c/text()', ']]>', '<a x="1"><b>1</b><c><![CDATA[]]]]><![CDATA[>]]></c></a>'],
    ['//b | //c', true, '<a x="1"><b>true</b><c>true</c></a>'],
    ['//b', { a: [1] }, '<a x="1"><b>{"a":[1]}</b><c><![CDATA[2]]></c></a>'],
    ['//b', null, '<a x="1"><b/><c><![CDATA[2]]></c></a>'],
  ])('%s with %j', (text, to, expected) => {
    expect(replace('<a x="1"><b>1</b><c><![CDATA[2]]></c></a>', text, to)).toBe(expected);
  });

  test.each<[Json, string, Json]>([
    ['<a/>', '//b', 1],
    ['<a/>', '/', 1],
    ['<a/>', '1 + 1', 1],
    ['<a/>', '/a', 'a\u0000'],
    [{ a: 1 }, '/a', 1],
  ])('%j at %s is an error', (xml, text, to) => {
    expect(() => replace(xml, text, to)).toThrow(ExpressionError);
  });

  test('the declaration stays', () => {
    const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
    expect(replace(`${declaration}<a>1</a>`, '/a', 2)).toBe(`${declaration}<a>2</a>`);
  });
});
