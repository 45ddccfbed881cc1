#!/usr/bin/env perl
# corpus: Perl; proxy waits in place, and keeps the requests that come meanwhile
# expect: blocked
# suites: rpc
# platforms: posix
use strict;
use warnings;
use JSON::PP;
use Time::HiRes qw(time sleep);

$| = 1;
my $json = JSON::PP->new->ascii->allow_nonref;
my ($me, $count) = ('', 0);
my ($rest, $open, @later) = ('', 1);    # @later: messages that came while a proxy waited

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
        return;
    }
    my $answer = sub { send_to($src, { @_, in_reply_to => $ref }) };
    $type = '' if !defined $type || ref $type;
    if ($type eq 'init') {
        $me = $body->{node_id};
        $answer->(type => 'init_ok');
    } elsif ($type eq 'echo') {
        return $answer->(type => 'error', code => 12, text => 'no echo') if !exists $body->{echo};
        $answer->(type => 'echo_ok', echo => $body->{echo});
    } elsif ($type eq 'proxy') {
        my ($target, $inner) = @{$body}{qw(target inner)};
        return $answer->(type => 'error', code => 12, text => 'no target, no inner') if !defined $target || ref $inner ne 'HASH';
        my ($id, $due, $reply) = (send_to($target, $inner), time + 1);
        while (!$reply && $open && time < $due) {
            for my $message (read_some($due - time)) {
                if (!$reply && ($message->{body}{in_reply_to} // -1) == $id) { $reply = $message->{body} }
                else { push @later, $message }
            }
        }
        return $answer->(type => 'proxy_ok', result => $reply) if $reply;
        $answer->(type => 'error', code => 0, text => 'timeout');
    } else {
        $answer->(type => 'error', code => 10, text => 'not supported');
    }
}

sub read_some {
    my $left = shift;
    vec(my $bits = '', 0, 1) = 1;
    return if defined $left && select($bits, undef, undef, $left < 0 ? 0 : $left) <= 0;
    $open = sysread STDIN, $rest, 65536, length $rest;
    my @found;
    while ((my $end = index $rest, "\n") >= 0) {
        my $line = substr $rest, 0, $end + 1, '';
        utf8::decode(my $text = $line);
        my $message = eval { $json->decode($text) };
        if (ref $message eq 'HASH' && defined $message->{src} && !ref $message->{src} && ref $message->{body} eq 'HASH') {
            push @found, $message;
        } else {
            print STDERR "not a message: ", substr($line, 0, 60), "\n";
        }
    }
    return @found;
}

while ($open || @later) {
    push @later, read_some() if !@later;
    if (my $message = shift @later) { on_message($message->{src}, $message->{body}) }
}
