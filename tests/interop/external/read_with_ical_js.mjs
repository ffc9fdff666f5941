// Reads a calendar on stdin with ical.js (Thunderbird's reader) and writes what it understood as JSON.
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
const address = (uri) => uri.replace(/^mailto:/, "");
const text = (event, name) => event.getFirstPropertyValue(name) ?? "";

const events = calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
        method: calendar.getFirstPropertyValue("method"),
        uid: event.uid,
        sequence: event.sequence,
        starts_at: seen(event.startDate),
        ends_at: seen(event.endDate),
        summary: event.summary,
        description: text(component, "description"),
        location: text(component, "location"),
        status: text(component, "status"),
        attendees: event.attendees.map((line) => [
            line.getParameter("cn") ?? "",
            address(line.getFirstValue()),
            line.getParameter("partstat"),
        ]),
        organiser: address(event.organizer),
    };
});
process.stdout.write(JSON.stringify(events));
