<?php
// Reads a calendar on stdin with sabre/vobject (Nextcloud's and Baikal's reader), validates it and
// writes what it understood as JSON. Debian's copy is older than this PHP, hence the silence.
error_reporting(E_ERROR);
date_default_timezone_set('Pacific/Kiritimati'); // what falls back on a default shows at once
require 'Sabre/VObject/autoload.php';

$calendar = Sabre\VObject\Reader::read(stream_get_contents(STDIN));
if ($calendar->name !== 'VCALENDAR') {
    throw new Exception('not one calendar');
}
foreach ($calendar->validate() as $problem) {
    throw new Exception($problem['message']);
}

function seen($property) {
    $time = $property->getDateTime();
    if (!$property->hasTime()) {
        return $time->format('Y-m-d');
    }
    return $time->setTimezone(new DateTimeZone('UTC'))->format('Y-m-d\TH:i:s\Z');
}

// Debian's version 2 leaves the backslash before commas and semicolons to its caller.
function text($property) {
    return str_replace(['\\,', '\\;'], [',', ';'], (string) $property);
}

function address($uri) {
    return preg_replace('/^mailto:/', '', (string) $uri);
}

$events = [];
foreach ($calendar->select('VEVENT') as $event) {
    $attendees = [];
    foreach ($event->select('ATTENDEE') as $one) {
        $attendees[] = [(string) $one['CN'], address($one), (string) $one['PARTSTAT']];
    }
    $events[] = [
        'method' => (string) $calendar->METHOD,
        'uid' => (string) $event->UID,
        'sequence' => (int) (string) $event->SEQUENCE,
        'starts_at' => seen($event->DTSTART),
        'ends_at' => seen($event->DTEND),
        'summary' => text($event->SUMMARY),
        'description' => text($event->DESCRIPTION),
        'location' => text($event->LOCATION),
        'status' => (string) $event->STATUS,
        'attendees' => $attendees,
        'organiser' => address($event->ORGANIZER),
    ];
}
echo json_encode($events, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
