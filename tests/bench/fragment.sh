# SPDX-License-Identifier: MIT
# fragment.sh -- three directories are filled and thinned at once, four logs grow
# side by side, a large file comes last; run by tools/vm --script, on /dev/vdb.
mount -t ext2 /dev/vdb /mnt 2>/dev/null || mount -t ext4 /dev/vdb /mnt
cd /mnt; mkdir a b c
for r in 1 2 3 4 5 6; do
  for d in a b c; do
    (i=0; while [ $i -lt 60 ]; do dd if=/dev/zero of=$d/f$r.$i bs=1k count=$(( (i * 37 + r * 11) % 90 + 1 )) 2>/dev/null; i=$((i+1)); done) &
  done
  wait
  i=0; while [ $i -lt 60 ]; do rm -f a/f$r.$i b/f$r.$((i+1)); i=$((i+3)); done
done
for k in 1 2 3 4; do (j=0; while [ $j -lt 40 ]; do dd if=/dev/zero bs=4k count=4 2>/dev/null >> log$k; j=$((j+1)); done) & done; wait
dd if=/dev/zero of=big bs=64k count=300 2>/dev/null
sync; cd /; umount /mnt; echo done
