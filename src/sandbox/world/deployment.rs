//! The deployment of `checkout`: one process behind one address, replaced as a whole by a restart.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::WorldError;
use super::checkout::{Process, Surroundings};
use super::config::Config;
use super::network::{ANY_PORT, Server};
use super::tasks::Tasks;

/// How long a stopping process may go on answering open requests, in world time.
const DRAIN: Duration = Duration::from_secs(5);

/// Keeps `checkout` running.
#[derive(Debug)]
pub(super) struct Deployment {
    around: Surroundings,
    tasks: Tasks,
    address: SocketAddr,
    generation: u32,
    live: Option<(Arc<Process>, Server)>,
}

impl Deployment {
    /// Starts the first process, on a port that the operating system chooses.
    pub(super) async fn start(
        around: Surroundings,
        tasks: Tasks,
        config: Config,
    ) -> Result<Self, WorldError> {
        let mut deployment = Self { around, tasks, address: ANY_PORT, generation: 0, live: None };
        deployment.launch(config).await?;
        Ok(deployment)
    }

    /// Stops the process, lets it drain, and starts another with `config` at the same address.
    pub(super) async fn restart(&mut self, config: Config) -> Result<(), WorldError> {
        if let Some((process, server)) = self.live.take() {
            process.stopping();
            drop(process);
            server.stop(self.around.clock.wall(DRAIN)).await;
        }
        self.launch(config).await
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The running process.
    pub(super) fn process(&self) -> Result<&Process, WorldError> {
        let stopped = || WorldError::Refused("reach checkout: it is not running".to_owned());
        self.live.as_ref().map(|(process, _)| &**process).ok_or_else(stopped)
    }

    async fn launch(&mut self, config: Config) -> Result<(), WorldError> {
        self.generation += 1;
        let process = Process::start(self.around.clone(), config, self.generation);
        let server = Server::start(self.address, process.router(), &self.tasks).await?;
        self.address = server.address();
        self.live = Some((process, server));
        Ok(())
    }
}
