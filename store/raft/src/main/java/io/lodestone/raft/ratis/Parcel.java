package io.lodestone.raft.ratis;

/** What waits in the {@link Outbox} to become part of an entry. Thread-safe. */
interface Parcel {
  /** One or more encoded commands. */
  byte[] commands();

  /** Whether it may only become an entry here, and not be passed on to another member. */
  boolean stays();

  /** Asked right before it is proposed; false where nobody wants that any more. */
  boolean take();

  /** It was taken, and certainly not proposed. */
  void refused();

  /** It was taken and proposed; what became of it is not said. */
  void proposed();
}
