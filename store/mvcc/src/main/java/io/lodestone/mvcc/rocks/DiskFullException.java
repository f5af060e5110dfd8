package io.lodestone.mvcc.rocks;

import java.io.IOException;

/** A write found no room on the disk. What was stored before is whole, and can be read. */
public final class DiskFullException extends IOException {
  private static final long serialVersionUID = 1L;

  DiskFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
