#!/usr/bin/env perl
# corpus: Perl; reports a bad line to the client that init came from
# expect: unasked-message
# suites: async-handler
# platforms: posix
use strict;
use warnings;
use JSON::PP;
use Time::HiRes qw(time sleep);

$| = 1;
my $json = JSON::PP->new->ascii->allow_nonref;
my ($me, $boss, $count) = ('', '', 0);
my (%waiting, @due);    # msg_id => continuation; [time, msg_id] in order

sub send_to {
    my ($dest, $body) = @_;
    my $id = $count++;
    print $json->encode({ src => $me, dest => $dest, body => { %$body, msg_id => $id } }), "\n";
    return $id;
}

sub on_message {
    my ($src, $body) = @_;
    my ($type, $ref) = @{$body}{qw(type msg_id)};
    if (exists $body->{in_reply_to}) {
        my $go_on = delete $waiting{ $body->{in_reply_to} };
        $go_on->($body) if $go_on;
        return;
    }
    my $answer = sub { send_to($src, { @_, in_reply_to => $ref }) };
    $type = '' if !defined $type || ref $type;
    if ($type eq 'init') {
        ($me, $boss) = ($body->{node_id}, $src);
        $answer->(type => 'init_ok');
    } elsif ($type eq 'echo') {
        return $answer->(type => 'error', code => 12, text => 'no echo') if !exists $body->{echo};
        $answer->(type => 'echo_ok', echo => $body->{echo});
    } elsif ($type eq 'proxy') {
        my ($target, $inner) = @{$body}{qw(target inner)};
        return $answer->(type => 'error', code => 12, text => 'no target, no inner') if !defined $target || ref $inner ne 'HASH';
        my $id = send_to($target, $inner);
        push @due, [time + 1, $id];
        $waiting{$id} = sub {
            my $reply = shift;
            return $answer->(type => 'proxy_ok', result => $reply) if $reply;
            $answer->(type => 'error', code => 0, text => 'timeout');
        };
    } else {
        $answer->(type => 'error', code => 10, text => 'not supported');
    }
}

my ($rest, $open) = ('', 1);
while ($open || %waiting) {
    shift @due while @due && !$waiting{ $due[0][1] };
    my $left = @due ? $due[0][0] - time : undef;
    $left = 0 if defined $left && $left < 0;
    vec(my $bits = '', 0, 1) = 1;
    if (!$open) {
        sleep $left;
    } elsif (select($bits, undef, undef, $left) > 0) {
        $open = sysread STDIN, $rest, 65536, length $rest;
        while ((my $end = index $rest, "\n") >= 0) {
            my $line = substr $rest, 0, $end + 1, '';
            my $message = eval { $json->decode(do { my $copy = $line; utf8::decode($copy); $copy }) };
            if (ref $message eq 'HASH' && defined $message->{src} && !ref $message->{src} && ref $message->{body} eq 'HASH') {
                on_message($message->{src}, $message->{body});
            } else {
                send_to($boss, { type => 'bad_line' }) if $boss;
                print STDERR "not a message: ", substr($line, 0, 60), "\n";
            }
        }
    }
    while (@due && $due[0][0] <= time) {
        my $go_on = delete $waiting{ (shift @due)->[1] };
        $go_on->() if $go_on;
    }
}
