#!/usr/bin/perl
use strict;
use warnings;
use LWP::UserAgent;

# https://api.ionos.com/databases/postgresql is described in the wiki
my $base = 'https://api.ionos.com/databases/postgresql';
my $ua = LWP::UserAgent->new;
my $response = $ua->get("$base/clusters");
print $response->decoded_content;
my $users = `ionosctl dbaas postgres user list --cluster-id $ARGV[0]`;

__END__
=head1 NAME

report.pl - reads https://api.ionos.com/databases/postgresql
