/**
 * What a server does that copies another cluster and cannot change anything itself: it asks the
 * {@link io.lodestone.server.forward.Upstream}. Start reading at {@link
 * io.lodestone.server.forward.Forwarding}.
 */
package io.lodestone.server.forward;
