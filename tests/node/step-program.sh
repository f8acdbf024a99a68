# shellcheck shell=bash disable=SC2034,SC2154
# A program arrives whole or not at all; the sum is computed again only when the file changed.
step program
# What is written to /usr/bin stays in here.
mkdir "$work/upper" "$work/overlay"
mount -t overlay overlay -o "lowerdir=/usr/bin,upperdir=$work/upper,workdir=$work/overlay" /usr/bin
NAME=kprov-test-program ENCODING=gzip
printf '#!/bin/sh\necho one\n' > "$work/one"
SHA256=$(sha256sum < "$work/one" | cut -d' ' -f1)
fails 'is missing'
do_apply < <(echo damaged | gzip)
[[ $answer != 0 && $log == *'wanted'* && ! -e /usr/bin/$NAME && ! -e /usr/bin/.$NAME.kprov-part ]]
do_apply < <(gzip -c "$work/one")
same "$(/usr/bin/$NAME)" one
holds "sha256 ${SHA256:0:12}"
# The sum is kept: with a sha256sum that fails the check still holds, until the file is touched.
double sha256sum 'exit 1'
holds ''
touch "/usr/bin/$NAME"
fails ''
rm "$work/bin/sha256sum"
holds ''
echo 'echo two' >> "/usr/bin/$NAME"
fails 'another version or damaged'
ENCODING=none
do_apply < "$work/one"
holds ''
same "$(< /var/lib/kprov/installed)" "/usr/bin/$NAME"
# Out of an archive: the sum is the archive's, and a change of the program is seen.
ENCODING=tar
chmod 644 "$work/one"
mkdir "$work/packed"
printf '#!/bin/sh\necho three\n' > "$work/packed/$NAME"
tar -czf "$work/archive" -C "$work/packed" "$NAME"
SHA256=$(sha256sum < "$work/archive" | cut -d' ' -f1)
fails 'another archive'
do_apply < <(echo damaged)
[[ $answer != 0 && $log == *'wanted'* ]]
fails 'another archive'
do_apply < "$work/archive"
same "$(/usr/bin/$NAME)" three
holds "sha256 ${SHA256:0:12}"
[[ -z $(find /usr/bin -name '*kprov-part*') ]]
do_apply < /dev/null
same "$answer" 0
echo 'echo four' >> "/usr/bin/$NAME"
fails 'another archive'
# In a folder of the archive, which may have the program's name.
mkdir -p "$work/packed/$NAME-1/$NAME"
printf '#!/bin/sh\necho five\n' > "$work/packed/$NAME-1/$NAME/$NAME"
tar -czf "$work/archive" -C "$work/packed/$NAME-1" "$NAME"
SHA256=$(sha256sum < "$work/archive" | cut -d' ' -f1)
do_apply < "$work/archive"
same "$(/usr/bin/$NAME)" five
