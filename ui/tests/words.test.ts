import { describe, expect, test } from "vitest";

import { site } from "../src/host/fake/samples";
import { i18n } from "../src/i18n/index.svelte";
import { bytes, duration, minutesAndSeconds, timeOfDay } from "../src/words/format";
import { judge, thingName } from "../src/words/serial-number";
import { pathOf } from "../src/words/target";

describe("a serial number", () => {
  test.each([
    ["SN-0042", "accepted"],
    [" SN-0042\r\n", "accepted"],
    ["", "empty"],
    ["  ", "empty"],
    ["SN 42", "refused"],
    ["シリアル", "refused"],
    ["x".repeat(65), "refused"],
  ])("%j is %s by the site's pattern", (text, verdict) => {
    expect(judge(text, site)).toBe(verdict);
  });

  test.each(["(?i)^sn", "^SN\\z", "(?P<n>x)", "[a-z&&[^b]]", "[[:alpha:]]+", "("])(
    "under a pattern that only Rust speaks (%s) is left to the core",
    (serialNumberPattern) => {
      expect(judge("whatever", { ...site, serialNumberPattern })).toBe("accepted");
    },
  );

  test("makes a thing name without a scanner's white space", () => {
    expect(thingName(" SN-0042\r\n", site)).toBe("Fleet_Index_SN-0042");
  });
});

describe("a target's path", () => {
  test.each([
    ["drive:/media/x", "/media/x"],
    ["drive:/media/x?driver=greengrass", "/media/x"],
    ["drive:E:\\", "E:\\"],
    ["drive:/media/what?", "/media/what?"],
    ["serial:/dev/ttyUSB0?baud=115200", "/dev/ttyUSB0"],
  ])("of %s is %s", (target, path) => {
    expect(pathOf(target)).toBe(path);
  });
});

describe("a time of day", () => {
  test("is that of where the computer is now", () => {
    const before = process.env["TZ"];
    try {
      process.env["TZ"] = "UTC";
      expect(timeOfDay("2026-11-22T00:00:00Z")).toContain("12:00:00");
      process.env["TZ"] = "Asia/Tokyo";
      expect(timeOfDay("2026-11-22T00:00:00Z"), "it has travelled with the window open").toContain("9:00:00");
    } finally {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    }
  });
});

describe("numbers", () => {
  test("are written as the language does", () => {
    expect([bytes(0), bytes(1188), bytes(31_914_983_424)]).toEqual(["0 byte", "1.2 kB", "31.9 GB"]);
    expect([duration(0), duration(999), duration(2400)]).toEqual(["0 ms", "999 ms", "2.4 sec"]);
    i18n.language = "ja";
    expect(duration(2400)).toBe("2.4 秒");
    expect(timeOfDay("2026-11-21T09:05:00Z")).toContain("2026/11/21");
  });

  test("of a countdown are never below zero and rounded up", () => {
    expect([300_000, 299_001, 60_000, 59_999, 1, 0, -5].map(minutesAndSeconds)).toEqual(
      ["5:00", "5:00", "1:00", "1:00", "0:01", "0:00", "0:00"],
    );
  });

  test("that are no date are shown as they came", () => {
    expect(timeOfDay("soon")).toBe("soon");
  });
});
