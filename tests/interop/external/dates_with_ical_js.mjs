// The dates that ical.js (Thunderbird) shows for a calendar on stdin, by the file's own zones.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const ICAL = createRequire(process.argv[2])("ical.js");

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
if (calendar.name !== "vcalendar") throw new Error("not one calendar");
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(zone);
}

const seen = (time) => {
    if (time.isDate) return time.toString();
    if (time.zone === ICAL.Timezone.localTimezone) throw new Error("a floating time");
    return time.toJSDate().toISOString();
};

const components = calendar.getAllSubcomponents("vevent");
const exceptions = components.filter((one) => one.hasProperty("recurrence-id"));
const shown = [];
for (const component of components.filter((one) => !one.hasProperty("recurrence-id"))) {
    const event = new ICAL.Event(component, { exceptions });
    const dates = event.iterator();
    for (let next = dates.next(), n = 0; next && n < 400; next = dates.next(), n += 1) {
        const date = event.getOccurrenceDetails(next);
        shown.push([seen(date.startDate), seen(date.endDate), date.item.summary]);
    }
}
process.stdout.write(JSON.stringify(shown));
