#!/usr/bin/perl
# Finds the darkest tile of each scan. It speaks the bridge's protocol by itself, with what every Perl has: docs/classifiers/exec.md.
use strict;
use warnings;
use JSON::PP;

$| = 1;    # Every message goes at once.
my $json = JSON::PP->new->utf8->canonical;
my $id   = 0;    # Of questions; never used twice.

sub say_that { print $json->encode({@_}), "\n" }

sub hear {
    my $line = <STDIN> // exit 0;    # No more input: the bridge is done with this program.
    return $json->decode($line);
}

# Asks, and hears until the bridge answers this question. Dies with the sentence for the operator where it cannot be answered.
sub answer {
    my $message = hear();
    die "cancelled\n" if $message->{type} eq 'cancel';
    die "$message->{message}\n" if $message->{type} eq 'failed';
    return $message;
}

sub darkest_tile {
    my ($scan) = @_;
    say_that(type => 'tiles', id => ++$id, scan => $scan->{id}, width => 128, height => 128, batch => 32, tissue => JSON::PP::true, ($scan->{mpp} ? (mpp => 2) : ()));
    my $layout = answer();
    open my $pixels, '<:raw', $layout->{file} or die "the tiles cannot be opened: $!\n";    # Or map it: nothing is copied then.
    my ($bytes, $done, %darkest) = ($layout->{width} * $layout->{height} * 3, 0);
    while ((my $batch = answer())->{type} eq 'batch') {
        for my $i (0 .. $batch->{count} - 1) {
            seek $pixels, $batch->{slot} * $layout->{slotBytes} + $i * $bytes, 0;
            read($pixels, my $tile, $bytes) == $bytes or die "the tiles cannot be read: $!\n";
            my $mean = unpack('%64C*', $tile) / $bytes;    # The sum of all bytes.
            %darkest = (mean => $mean, x => $batch->{x}[$i], y => $batch->{y}[$i]) if !%darkest || $mean < $darkest{mean};
        }
        say_that(type => 'free', id => $id, slot => $batch->{slot});
        say_that(type => 'progress', scan => $scan->{id}, fraction => ($done += $batch->{count}) / $layout->{count});
    }
    say_that(type => 'close', id => $id);
    return { scanId => $scan->{id}, results => { summary => 'no tissue' } } if !%darkest;
    my ($x, $y, $edge) = ($darkest{x}, $darkest{y}, 128 * $layout->{downsample});
    my $ring    = [[$x, $y], [$x + $edge, $y], [$x + $edge, $y + $edge], [$x, $y + $edge], [$x, $y]];
    my $feature = {
        type       => 'Feature',
        bbox       => [$x, $y, $x + $edge, $y + $edge],
        geometry   => { type => 'Polygon', coordinates => [$ring] },
        properties => { annotation_type => 'darkest' },
    };
    return {
        scanId  => $scan->{id},
        results => { summary => sprintf('the darkest of %d tiles has a mean of %.0f', $layout->{count}, $darkest{mean}) },
        geojson => { type => 'FeatureCollection', features => [$feature] },
    };
}

say_that(type => 'ready', protocol => 1);    # A model would be loaded before this.
while (1) {
    my $message = hear();
    next if $message->{type} ne 'task';      # What is left of a task that was cancelled.
    my $task  = $message->{task};
    my $found = eval { [map { darkest_tile($_) } @{ $task->{scans} }] };
    if ($found) { say_that(type => 'result', taskId => $task->{taskId}, results => { scanResults => $found }) }
    else        { chomp(my $why = $@); say_that(type => 'error', taskId => $task->{taskId}, message => $why) }
}
