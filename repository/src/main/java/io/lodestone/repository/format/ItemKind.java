package io.lodestone.repository.format;

/** The byte that begins an item in a frame. */
final class ItemKind {
  static final byte RECORD = 1;
  static final byte TOMBSTONE = 2;
  static final byte COMPLETE = 3;
  static final byte COMPACTION = 4;
  static final byte LEASE = 5;
  static final byte LEASE_GONE = 6;
  static final byte AUTH = 7;
  static final byte USER = 8;
  static final byte ROLE = 9;
  static final byte ALARM = 10;
  static final byte MEMBER = 11;

  private ItemKind() {}
}
