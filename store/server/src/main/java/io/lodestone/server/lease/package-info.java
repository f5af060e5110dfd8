/**
 * Leases: the service ({@link io.lodestone.server.lease.LeaseService}) and the thread that proposes
 * to revoke what has expired ({@link io.lodestone.server.lease.LeaseExpiry}). Grants and
 * revocations go through the log, renewals do not.
 */
package io.lodestone.server.lease;
