package io.lodestone.conformance.requests;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;

/**
 * One request, with symbols in place of everything a server names itself (see {@link Names}).
 * Immutable.
 *
 * @param rpc a name of {@link Rpc}
 * @param token what the call carries as its auth token, or empty for a call without one
 */
record Call(String rpc, Message request, String token) {
  private static final int SHOWN = 2000;
  private static final int LARGE = 100_000;

  Call(String rpc, Message request) {
    this(rpc, request, "");
  }

  static String text(Message message) {
    if (message.getSerializedSize() > LARGE) {
      return "a " + message.getDescriptorForType().getName() + " of " + message.getSerializedSize();
    }
    String text = TextFormat.printer().printToString(message).strip().replaceAll("\\s*\n\\s*", " ");
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "... of " + text.length();
  }

  @Override
  public String toString() {
    return rpc + " {" + text(request) + "}" + (token.isEmpty() ? "" : " as " + token);
  }
}
