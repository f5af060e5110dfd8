package io.lodestone.replica.peer;

import java.io.IOException;

/** A member says that we were removed from the cluster. */
final class ExpelledException extends IOException {
  private static final long serialVersionUID = 1L;

  ExpelledException(String by) {
    super(by + " says that this member was removed");
  }
}
