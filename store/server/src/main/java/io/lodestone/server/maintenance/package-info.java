/**
 * The Maintenance service: alarms, status, hashes, defragmentation and snapshots. Start reading at
 * {@link io.lodestone.server.maintenance.MaintenanceService}.
 */
package io.lodestone.server.maintenance;
