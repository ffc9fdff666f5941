<?php
// The dates that sabre/vobject (Nextcloud) shows in 2027 for a calendar on stdin.
error_reporting(E_ERROR);
date_default_timezone_set('UTC');
require 'Sabre/VObject/autoload.php';

$calendar = Sabre\VObject\Reader::read(stream_get_contents(STDIN));
foreach ($calendar->validate() as $problem) {
    throw new Exception($problem['message']);
}
$calendar->expand(new DateTime('2027-01-01'), new DateTime('2028-01-01'));

function seen($property) {
    $time = $property->getDateTime();
    return $property->hasTime() ? $time->format('Y-m-d\TH:i:s\Z') : $time->format('Y-m-d');
}

$shown = [];
foreach ($calendar->select('VEVENT') as $event) {
    $title = str_replace(['\\,', '\\;'], [',', ';'], (string) $event->SUMMARY);
    $shown[] = [seen($event->DTSTART), seen($event->DTEND), $title];
}
echo json_encode($shown, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
